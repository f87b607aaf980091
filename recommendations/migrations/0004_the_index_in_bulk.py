from django.db import migrations

from recommendations import fulltext


def install(apps, schema_editor):
    fulltext.install()


class Migration(migrations.Migration):
    """The functions behind the full-text index as they are now; the index itself stays what it was."""

    dependencies = [
        ('recommendations', '0003_imports'),
    ]

    operations = [
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
