"""Seals carry their plain link beside the signed one, may only be added, and there is a key to sign with."""

from django.db import migrations, models

FORWARD = """
update core_installation set seal_key = sha256(
    uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
where id = 1 and seal_key = ''::bytea;
create function core_seal_only_grows() returns trigger language plpgsql as $$
begin
    if current_setting('watchbill.retention', true) = 'on' then return coalesce(new, old); end if;
    raise exception 'seals are only ever added';
end $$;
create trigger core_seal_only_grows before update or delete on core_seal
    for each row execute function core_seal_only_grows();
"""
BACKWARD = """
drop trigger core_seal_only_grows on core_seal;
drop function core_seal_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_only_grows")]
    operations = [
        migrations.AddField("seal", "link", models.BinaryField(default=b""), preserve_default=False),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
