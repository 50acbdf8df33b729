"""The product areas every portal starts with, and the skills each needs (decision C4)."""

from django.db import migrations

AREAS = [
    ("DATA_CATALOG", "Data catalog", ["CATALOG"], ["data_catalog", "metadata"]),
    ("GOVERNANCE", "Governance", ["GOVERNANCE_ENGINE"], ["governance", "compliance"]),
    ("QUALITY", "Data quality", ["QUALITY_CHECKS"], ["data_quality", "testing"]),
    ("LINEAGE", "Lineage", [], ["lineage", "data_pipelines"]),
    ("GPU_CLUSTER", "GPU cluster", [], ["gpu_cluster", "infrastructure"]),
    ("FEDERATION", "Federation", [], ["federation", "networking"]),
    ("MLOPS", "Machine learning", ["ML_OPS"], ["mlops", "machine_learning"]),
    ("INFRASTRUCTURE", "Infrastructure", [], ["infrastructure", "networking"]),
    ("API", "API", [], ["api", "integration"]),
    ("SECURITY", "Security and sign-in", [], ["security", "authentication"]),
    ("BILLING", "Plans and billing", [], ["billing", "finance"]),
    ("OTHER", "Something else", ["GENERAL"], []),
]


def add(apps, schema_editor):
    skill_model = apps.get_model("accounts", "Skill")
    area_model = apps.get_model("accounts", "ProductArea")
    for position, (key, name, aliases, skills) in enumerate(AREAS, start=1):
        area = area_model.objects.create(key=key, name=name, aliases=aliases, position=position * 10)
        for skill in skills:
            row, _ = skill_model.objects.get_or_create(
                key=skill, defaults={"name": skill.replace("_", " ").capitalize()}
            )
            area.skills.add(row)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    # The rows go with their tables; deleting them here would fail where tickets use them already.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
