"""Tables of desks, people and what they may do."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Desk(models.Model):
    """A named set of queues with its own policies and calendars; a user sees the desks that she may.

    A closed one has no open item (a trigger of `work_item` refuses it), and is listed for those who may open it again.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.SlugField(unique=True)
    name = models.TextField()
    zone = models.TextField(default="UTC")
    note = models.TextField(default="")
    is_generated = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_desk"


class Region(models.Model):
    """Where teams and people are. A retired one has neither, and keeps its name for what happened in it."""

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+")
    name = models.TextField()
    zone = models.TextField(default="UTC")
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        db_table = "people_region"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="people_region_name")]


class Team(models.Model):
    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    name = models.TextField()
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "people_team"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="people_team_name")]


class TeamPlace(models.Model):
    """Where a team is from an instant on, and in which time zone that region is then; only ever added.

    ``zone`` is "" where the team is of no region. Before its first place a team was nowhere; one that was made with its
    region, or was known when this table came, is there from the beginning of time.
    """

    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", db_index=False)
    zone = models.TextField()
    by_name = models.TextField()
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "people_teamplace"
        indexes = [models.Index(fields=["team", "at", "id"], name="people_teamplace_team")]


class Partner(models.Model):
    """An outside firm that does work for a desk, and what it takes. A retired one keeps its name for what was passed to it.

    ``categories``: of which work, empty for all. ``least_priority``: the most urgent priority that may be passed to it, 2
    for P2, P3 and P4. ``at_once``: on how many of our items it works at the same time; ``most``: how many open ones it takes
    from us at most. ``lead_min``: minutes from being asked until it begins. ``price``: for one item, null where none is known.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+", db_index=False)
    name = models.TextField()
    email = models.TextField(default="", db_default="")
    categories = ArrayField(models.TextField(), default=list, db_default=[])
    least_priority = models.SmallIntegerField(default=2, db_default=2)
    at_once = models.SmallIntegerField()
    most = models.IntegerField()
    lead_min = models.IntegerField()
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.TextField(default="", db_default="")
    note = models.TextField(default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)

    class Meta:
        db_table = "people_partner"
        constraints = [
            models.UniqueConstraint(fields=["desk", "name"], name="people_partner_name"),
            models.CheckConstraint(
                condition=models.Q(least_priority__gte=1, least_priority__lte=4), name="people_partner_priority"
            ),
            models.CheckConstraint(
                condition=models.Q(at_once__gte=1, most__gte=1, lead_min__gte=0), name="people_partner_capacity"
            ),
            models.CheckConstraint(
                condition=models.Q(price__isnull=True, currency="")
                | models.Q(price__isnull=False, price__gte=0, currency__regex="^[A-Z]{3}$"),
                name="people_partner_price",
            ),
        ]


class Person(models.Model):
    """Somebody who can own work. ``evidence`` says how an inferred fact is known; a confirmed one was set by hand.

    ``tiers``: the customer tiers that she may serve, empty for all. ``class_limits``: open items at most by class of work,
    such as ``kind:change``. ``deputy``: who stands in while she is absent.
    """

    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+")
    name = models.TextField()
    email = models.TextField(default="")
    external_ref = models.TextField(default="")
    zone = models.TextField(default="UTC")
    languages = ArrayField(models.TextField(), default=list)
    wip_limit = models.SmallIntegerField(default=12)
    clearances = ArrayField(models.TextField(), default=list, db_default=[])
    tiers = ArrayField(models.TextField(), default=list, db_default=[])
    class_limits = models.JSONField(default=dict, db_default={})
    deputy = models.ForeignKey("people.Person", models.SET_NULL, null=True, related_name="+", db_index=False)
    is_robot = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    deactivated_at = models.DateTimeField(null=True)
    evidence = models.JSONField(default=dict)
    version = models.IntegerField(default=1)

    class Meta:
        db_table = "people_person"
        constraints = [
            models.UniqueConstraint(fields=["desk", "name"], name="people_person_name"),
            models.CheckConstraint(condition=models.Q(wip_limit__gte=0), name="people_person_wip"),
        ]


class Membership(models.Model):
    id = models.BigAutoField(primary_key=True)
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    is_confirmed = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)

    class Meta:
        db_table = "people_membership"
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="people_membership_once")]


class Skill(models.Model):
    id = models.BigAutoField(primary_key=True)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+")
    name = models.TextField()

    class Meta:
        db_table = "people_skill"
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="people_skill_name")]


class PersonSkill(models.Model):
    """Level 1 (learning) to 5 (expert)."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="+")
    level = models.SmallIntegerField()
    is_confirmed = models.BooleanField(default=False)
    evidence = models.JSONField(default=dict)

    class Meta:
        db_table = "people_personskill"
        constraints = [
            models.UniqueConstraint(fields=["person", "skill"], name="people_personskill_once"),
            models.CheckConstraint(condition=models.Q(level__gte=1, level__lte=5), name="people_personskill_level"),
        ]


class User(AbstractBaseUser):
    """Somebody who can sign in; often, not always, the same as a person who owns work."""

    id = models.BigAutoField(primary_key=True)
    username = models.TextField(unique=True)
    name = models.TextField()
    email = models.TextField(default="")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    is_active = models.BooleanField(default=True)
    theme = models.TextField(default="system")
    has_single_keys = models.BooleanField(default=True)

    objects = BaseUserManager()
    USERNAME_FIELD = "username"

    class Meta:
        db_table = "people_user"


class RoleGrant(models.Model):
    """A role on one desk; without a desk, on every desk."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    role = models.TextField()
    desk = models.ForeignKey(Desk, models.CASCADE, null=True, related_name="+")

    class Meta:
        db_table = "people_rolegrant"
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "desk"], name="people_rolegrant_once", nulls_distinct=False)
        ]


class Token(models.Model):
    """A key for the API, kept as a digest; or a one-time link when ``is_once``."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    digest = models.TextField(unique=True)
    label = models.TextField()
    is_once = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_token"
