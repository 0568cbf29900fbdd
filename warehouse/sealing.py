"""Let each new row of an audited table become an entry of the chain, from a migration on."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from schemas.audit import Audited


def seal_inserts(connection: Connection, audited: Audited) -> None:
    """Seal every row that an audited table has, in the order of its key, and each that it gets from now on.

    Called once for each kind, by the migration that makes its table or the chain: what was inserted while the trigger
    was off is never sealed afterwards, so that it is found.

    Args:
        connection: of the migration, in its transaction.
        audited: what the table is.
    """
    table, key = _name(audited.table), _name(audited.subject)
    personal, left_out = _array(audited.personal), _array(audited.left_out)
    when, where = "", ""
    if audited.only is not None:
        column, value = _name(audited.only[0]), _literal(audited.only[1])
        when, where = f"WHEN (NEW.{column} = {value})", f"WHERE {column} = {value}"
    arguments = ", ".join(map(_literal, (audited.kind, audited.subject, personal, left_out)))
    connection.execute(
        text(
            f"CREATE CONSTRAINT TRIGGER audit_seal AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW {when} EXECUTE FUNCTION audit_seal({arguments})"
        )
    )  # nobody writes to the table from here on, until the migration is over
    connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER sealed_only"))
    connection.execute(
        text(
            f"SELECT audit_append({_literal(audited.kind)}, source.{key}::text, {_literal(personal)}, "  # noqa: S608 (names of tables)
            f"{_literal(left_out)}, to_json(source)) FROM (SELECT * FROM {table} {where} ORDER BY {key}) AS source"
        )
    )
    connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER sealed_only"))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _array(names: Sequence[str]) -> str:
    return "{" + ",".join(names) + "}"
