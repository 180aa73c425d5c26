from partners.models.activity import OrganizationActivity
from partners.models.alias import OrganizationAlias
from partners.models.change import OrganizationChange
from partners.models.distinction import OrganizationDistinction
from partners.models.joining import Invitation, JoinRequest
from partners.models.membership import Membership
from partners.models.organization import Organization, OrganizationQuerySet
from partners.models.person import User, UserManager
from partners.models.territory import Territory

__all__ = [
    "Invitation",
    "JoinRequest",
    "Membership",
    "Organization",
    "OrganizationActivity",
    "OrganizationAlias",
    "OrganizationChange",
    "OrganizationDistinction",
    "OrganizationQuerySet",
    "Territory",
    "User",
    "UserManager",
]
