from projects.models.deliverable import Deliverable
from projects.models.project import (
    FoodChainLink,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
    is_published,
)
from projects.models.registration import (
    Activity,
    ApprovedVersion,
    CallExtension,
    Distinction,
    Registration,
    RegistrationVersion,
)

__all__ = [
    "Activity",
    "ApprovedVersion",
    "CallExtension",
    "Deliverable",
    "Distinction",
    "FoodChainLink",
    "Project",
    "ProjectFoodChainLink",
    "ProjectObjective",
    "ProjectPartner",
    "Registration",
    "RegistrationVersion",
    "is_published",
]
