from django.db import migrations, models
from django.db.models.functions import Cast

#: Model → its texts of more than one line.
TEXTS = {
    'Recommendation': [
        f'{name}_{suffix}'
        for name in ('summary', 'problem', 'action', 'outcome', 'measure')
        for suffix in ('en', 'zh_hans')
    ],
    'Evidence': ['note_en', 'note_zh_hans'],
}


def plain(value):
    """``value`` of a document with a line feed at the end of each line, however deep a text lies."""
    if isinstance(value, str):
        return value.replace('\r\n', '\n').replace('\r', '\n')
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def keep_one_kind(apps, schema_editor):
    """What was typed at the desk so far has the line ends of browsers; versions follow, or all would look changed.

    Editions that are frozen are not touched: they have their own copy, whose digest stays.
    """
    alias = schema_editor.connection.alias
    for name, columns in TEXTS.items():
        model = apps.get_model('recommendations', name)
        found = models.Q()
        for column in columns:
            found |= models.Q(**{f'{column}__contains': '\r'})
        for row in model.objects.using(alias).filter(found).iterator(chunk_size=500):
            for column in columns:
                setattr(row, column, plain(getattr(row, column)))
            row.save(using=alias, update_fields=columns)
    versions = apps.get_model('recommendations', 'EntryVersion').objects.using(alias)
    as_text = versions.annotate(said=Cast('document', models.TextField()))
    for version in as_text.filter(said__contains='\\r').iterator(chunk_size=500):
        version.document = plain(version.document)
        version.save(using=alias, update_fields=['document'])


class Migration(migrations.Migration):

    dependencies = [
        ('recommendations', '0011_what_is_taken_back_and_told_of_rows'),
    ]

    operations = [
        migrations.RunPython(keep_one_kind, migrations.RunPython.noop),
    ]
