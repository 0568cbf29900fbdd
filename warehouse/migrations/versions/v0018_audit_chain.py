"""The audit chain: an entry for each decision, balance, incident resumed and letter discarded, sealed at commit."""

import sqlalchemy as sa
from alembic import context, op

from schemas.audit import Audited
from warehouse.locks import Lock
from warehouse.sealing import seal_inserts

revision = "0018"
down_revision = "0017"

ABOUT_A_RECORD = ("dossier_number", "suspect_number", "case_number", "break_id", "owner", "note", "decided_by")
KINDS = (
    Audited(kind="decision", table="decision", subject="decision_number", meaning="", personal=ABOUT_A_RECORD),
    Audited(
        kind="figure_decision",
        table="restatement_decision",
        subject="decision_number",
        meaning="",
        personal=("note", "decided_by"),
    ),
    Audited(kind="balance", table="balance", subject="balance_id", meaning="", left_out=("positions", "confirmed_at")),
    Audited(
        kind="incident_resumed",
        table="incident_resumed",
        subject="incident_id",
        meaning="",
        personal=("by", "note"),
    ),
    Audited(
        kind="letter_discarded",
        table="dead_letter_step",
        subject="step_number",
        meaning="",
        personal=("by", "note"),
        only=("step", "discarded"),
    ),
)
"""What was audited when this was written: what ``schemas.audit`` says later is the work of a later migration."""

HMAC = """
CREATE FUNCTION audit_hmac(value text, salt bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT encode(sha256(
        substr(bit_send(key # ('x' || repeat('5c', 64))::bit(512)), 5) || sha256(
            substr(bit_send(key # ('x' || repeat('36', 64))::bit(512)), 5) || convert_to(value, 'UTF8')
        )
    ), 'hex') FROM (SELECT ('x' || rpad(encode(salt, 'hex'), 128, '0'))::bit(512) AS key) AS padded
$$
"""
"""HMAC-SHA-256 (RFC 2104) from the ``sha256`` that PostgreSQL has; the salt is the key, of at most 64 bytes."""

CONTENT = """
CREATE FUNCTION audit_content(source json, personal text[], left_out text[], salt bytea) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT '{' || coalesce(string_agg(to_json(key)::text || ':' || CASE
        WHEN json_typeof(value) = 'null' THEN 'null'
        WHEN key = ANY (personal) THEN to_json('hmac-sha256:' || audit_hmac(value #>> '{}', salt))::text
        WHEN json_typeof(value) IN ('object', 'array')
            THEN to_json('sha256:' || encode(sha256(convert_to(value::text, 'UTF8')), 'hex'))::text
        WHEN json_typeof(value) = 'boolean' THEN value::text
        WHEN json_typeof(value) = 'number' AND value::text ~ '^(0|-?[1-9][0-9]{0,14})$' THEN value::text
        ELSE to_json(value #>> '{}')::text
    END, ',' ORDER BY key COLLATE "C"), '') || '}'
    FROM json_each(source) WHERE key <> ALL (left_out)
$$
"""
"""A row as canonical JSON (RFC 8785): ``to_json`` of a text escapes just what that says, and names are ASCII."""

APPEND = f"""
CREATE FUNCTION audit_append(kind text, subject text, personal text[], left_out text[], source json) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    salt CONSTANT bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    content CONSTANT text := audit_content(source, personal, left_out, salt);
    number bigint;
    before text;
    sealed timestamptz;
    moment text;
    written text;
BEGIN
    PERFORM pg_advisory_xact_lock({Lock.AUDIT.value});
    SELECT entry_number, hash INTO number, before FROM audit_entry ORDER BY entry_number DESC LIMIT 1;
    number := coalesce(number, 0) + 1;
    before := coalesce(before, repeat('0', 64));
    sealed := clock_timestamp();
    moment := to_char(sealed AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    written := '{{"content":' || content || ',"entry_number":' || number || ',"kind":' || to_json(kind)
        || ',"previous":' || to_json(before) || ',"sealed_at":' || to_json(moment)
        || ',"subject":' || to_json(subject) || '}}';
    INSERT INTO audit_entry VALUES (
        number, kind, subject, sealed, salt, content, before, encode(sha256(convert_to(written, 'UTF8')), 'hex')
    );
END $$
"""  # noqa: S608 (the number of a lock)
"""The next entry. The lock is held until the transaction has been committed, so the last entry is the last for all."""

SEAL = """
CREATE FUNCTION audit_seal() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' AS $$
BEGIN
    IF TG_TABLE_SCHEMA <> 'public' THEN
        RAISE EXCEPTION 'rows of % are not audited', TG_RELID::regclass;
    END IF;
    PERFORM audit_append(
        TG_ARGV[0], to_json(NEW) ->> TG_ARGV[1], TG_ARGV[2]::text[], TG_ARGV[3]::text[], to_json(NEW)
    );
    RETURN NULL;
END $$
"""

SEALED_ONLY = """
CREATE FUNCTION audit_sealed_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'an entry of the audit chain is made by what it is about, not inserted'
            USING HINT = 'store the decision or the balance itself; its entry is made when that is committed';
    END IF;
    RETURN NEW;
END $$
"""
"""An INSERT that no trigger does is refused."""


def upgrade() -> None:
    """Make the chain, and seal what is there already."""
    connection = op.get_bind()
    op.create_table(
        "audit_entry",
        sa.Column("entry_number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("entry_number", name="pk_audit_entry"),
        sa.UniqueConstraint("kind", "subject", name="uq_audit_entry_kind"),
    )
    for function in (HMAC, CONTENT, APPEND, SEAL, SEALED_ONLY):
        op.execute(sa.text(function.replace(":", r"\:")))
    for function in ("audit_append(text, text, text[], text[], json)", "audit_seal()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")  # or anybody seals rows of a table of their own
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER sealed_only BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_sealed_only()"
    )
    context.config.attributes.get("on_progress", lambda _what: None)("sealing decisions and balances")
    for kind in KINDS:
        seal_inserts(connection, kind)
