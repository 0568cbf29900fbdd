"""Sign-off: figure sets, and what persons did with them, each act an entry of the audit chain."""

import sqlalchemy as sa
from alembic import op

from schemas.audit import Audited
from warehouse.locks import Lock
from warehouse.sealing import seal_inserts

revision = "0020"
down_revision = "0019"

KIND = Audited(kind="signoff", table="signoff_act", subject="act_number", meaning="", personal=("by", "note"))
"""What was audited when this was written: what ``schemas.audit`` says later is the work of a later migration."""

REFUSED = "KB020"
"""The SQLSTATE of a refusal that a person can do something about (``warehouse.signoffs``)."""

RECORDED_ONLY = """
CREATE FUNCTION signoff_recorded_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    calls text;
    owner name;
BEGIN
    GET DIAGNOSTICS calls = PG_CONTEXT;
    SELECT pg_get_userbyid(relowner) INTO owner FROM pg_class WHERE oid = TG_RELID;
    IF current_user <> owner OR calls !~ '\\msignoff_(keep|record)\\(' THEN
        RAISE EXCEPTION 'rows of % are recorded by signing, not inserted', TG_TABLE_NAME
            USING HINT = 'prepare, approve or withdraw with `ketenbalans signoff`';
    END IF;
    RETURN NEW;
END $$
"""
"""An INSERT that the two functions do not do is refused. They run as the owner of the tables, whoever calls them: a
role with rights on the tables alone inserts nothing, and whoever owns them makes no row by mistake."""

KEEP = """
CREATE FUNCTION signoff_keep(
    named text, first_day date, last_day date, known_on date, content text, standing json, loaded json
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO figure_set (set_id, period_start, period_end, as_of, document, breaks, loads)
    VALUES (named, first_day, last_day, known_on, content, standing, loaded)
    ON CONFLICT (set_id) DO NOTHING;
END $$
"""

RECORD = f"""
CREATE FUNCTION signoff_record(
    what text, named text, who text, known_by text, may_be_anybody boolean, said text
) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last signoff_act;
    preparer text;
    made bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'figures are signed under READ COMMITTED, which sees what another one signed meanwhile';
    END IF;
    IF known_by IS DISTINCT FROM 'signed_in' THEN
        RAISE EXCEPTION 'nobody signs who is not signed in' USING ERRCODE = '{REFUSED}',
            HINT = 'sign in on the page in Airflow, or set KETENBALANS_AIRFLOW_USER and KETENBALANS_AIRFLOW_PASSWORD';
    END IF;
    IF may_be_anybody IS DISTINCT FROM false THEN
        RAISE EXCEPTION 'nobody signs where nobody is asked for a password: one person may be two'
            USING ERRCODE = '{REFUSED}', HINT = 'start the stack without --open: `ketenbalans up`';
    END IF;
    PERFORM pg_advisory_xact_lock({Lock.SIGNOFFS.value});
    IF NOT EXISTS (SELECT FROM figure_set WHERE figure_set.set_id = named) THEN
        RAISE EXCEPTION 'there is no figure set %', left(named, 12) USING ERRCODE = '{REFUSED}',
            HINT = '`ketenbalans signoff list` has those that there are';
    END IF;
    SELECT * INTO last FROM signoff_act WHERE signoff_act.set_id = named ORDER BY act_number DESC LIMIT 1;
    SELECT "by" INTO preparer FROM signoff_act WHERE signoff_act.set_id = named AND act = 'prepared'
        ORDER BY act_number DESC LIMIT 1;
    CASE what
    WHEN 'prepared' THEN
        IF last.act IN ('prepared', 'approved') THEN
            RETURN last.act_number;
        END IF;
    WHEN 'approved' THEN
        IF last.act IS NULL THEN
            RAISE EXCEPTION 'figure set % is not prepared', left(named, 12) USING ERRCODE = '{REFUSED}',
                HINT = 'prepare it first: `ketenbalans signoff prepare`';
        ELSIF last.act = 'approved' THEN
            RAISE EXCEPTION 'figure set % is approved already, by % on %', left(named, 12), last."by",
                to_char(last.at AT TIME ZONE 'Europe/Amsterdam', 'YYYY-MM-DD HH24:MI') USING ERRCODE = '{REFUSED}',
                HINT = 'nothing is left to do';
        ELSIF last.act = 'withdrawn' THEN
            RAISE EXCEPTION 'figure set % was withdrawn by %', left(named, 12), last."by" USING ERRCODE = '{REFUSED}',
                HINT = 'it has to be prepared again: `ketenbalans signoff prepare`';
        ELSIF preparer = who THEN
            RAISE EXCEPTION 'figure set % was prepared by %, who cannot approve it too', left(named, 12), who
                USING ERRCODE = '{REFUSED}', HINT = 'ask somebody else to approve it';
        END IF;
    WHEN 'withdrawn' THEN
        IF last.act IS NULL OR last.act = 'withdrawn' THEN
            RAISE EXCEPTION 'figure set % is not signed by anybody', left(named, 12) USING ERRCODE = '{REFUSED}',
                HINT = 'nothing is left to do';
        ELSIF last.act = 'approved' AND who NOT IN (preparer, last."by") THEN
            RAISE EXCEPTION 'figure set % was prepared by % and approved by %', left(named, 12), preparer, last."by"
                USING ERRCODE = '{REFUSED}', HINT = 'one of the two withdraws it';
        END IF;
    END CASE;
    INSERT INTO signoff_act (set_id, act, "by", identity, note) VALUES (named, what, who, known_by, said)
    RETURNING act_number INTO made;
    RETURN made;
END $$
"""  # noqa: S608 (the number of a lock)
"""One act. The lock is held until the transaction has been committed: of two at once the second sees the first."""

FUNCTIONS = (
    "signoff_keep(text, date, date, date, text, json, json)",
    "signoff_record(text, text, text, text, boolean, text)",
)


def upgrade() -> None:
    """Make the tables, and the two functions through which rows come."""
    op.create_table(
        "figure_set",
        sa.Column("set_id", sa.Text, nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("breaks", sa.JSON, nullable=False),
        sa.Column("loads", sa.JSON, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("set_id", name="pk_figure_set"),
        sa.CheckConstraint(
            "set_id = encode(sha256(convert_to(document, 'UTF8')), 'hex')", name="ck_figure_set_named_by_its_digest"
        ),
    )
    op.create_index("ix_figure_set_period", "figure_set", ["period_start", "period_end"])
    op.create_table(
        "signoff_act",
        sa.Column("act_number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("set_id", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.PrimaryKeyConstraint("act_number", name="pk_signoff_act"),
        sa.ForeignKeyConstraint(["set_id"], ["figure_set.set_id"], name="fk_signoff_act_set_id"),
        sa.CheckConstraint("act IN ('prepared', 'approved', 'withdrawn')", name="ck_signoff_act_act"),
        sa.CheckConstraint("identity = 'signed_in'", name="ck_signoff_act_signed_in"),
    )
    op.create_index("ix_signoff_act_set_id", "signoff_act", ["set_id", "act_number"])
    for function in (RECORDED_ONLY, KEEP, RECORD):
        op.execute(sa.text(function.replace(":", r"\:")))
    for named in FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {named} FROM PUBLIC")
    for table in ("figure_set", "signoff_act"):
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER recorded_only BEFORE INSERT ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION signoff_recorded_only()"
        )
    seal_inserts(op.get_bind(), KIND)
