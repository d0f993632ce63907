from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oxherd', '0008_domains_are_claimed_and_verified'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(fields=['tenant', 'sort_name', 'id'], name='domain_by_name'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(fields=['tenant', '-created_at', '-id'], name='domain_by_age'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(fields=['name'], name='domain_by_its_name'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(condition=models.Q(('presence', 'present')), fields=['next_check_at'], name='domain_to_check'),
        ),
        migrations.AddIndex(
            model_name='domain',
            index=models.Index(condition=models.Q(('presence', 'removed')), fields=['tenant', '-removed_at', '-id'], name='domain_removed'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.UniqueConstraint(condition=models.Q(('verified_at__isnull', False), models.Q(('presence', 'removed'), _negated=True)), fields=('name',), name='domain_once'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.UniqueConstraint(condition=models.Q(('presence', 'removed'), _negated=True), fields=('tenant', 'name'), name='domain_once_in_a_tenant'),
        ),
        migrations.AddConstraint(
            model_name='domain',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('proof', ''), ('verified_at', None)), models.Q(('verified_at__isnull', False), models.Q(('proof', ''), _negated=True)), _connector='OR'), name='domain_verified_somehow'),
        ),
    ]
