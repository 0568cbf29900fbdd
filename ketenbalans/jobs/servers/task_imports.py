"""What Airflow's tasks import, imported once by the process that they are forked from (ADR 0009).

To import this module is all there is to do with it. Nothing of it is called before the fork: Polars starts no thread of
its pool until it is asked something, and no connection is made. What the tasks balance with is then the code that was
read here, so its version is found here too: a text that changes later is another version from the next start on.
"""

from ketenbalans.code_version import code_version

code_version()
