"""How good the links are: what each rests on, random draws for a person to judge, and the rates that follow."""
