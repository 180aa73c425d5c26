from partners.models.membership import Membership
from partners.models.organization import Organization, OrganizationQuerySet
from partners.models.person import User, UserManager
from partners.models.territory import Territory

__all__ = ["Membership", "Organization", "OrganizationQuerySet", "Territory", "User", "UserManager"]
