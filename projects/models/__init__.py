from projects.models.deliverable import Deliverable
from projects.models.project import (
    FoodChainLink,
    Project,
    ProjectFoodChainLink,
    ProjectObjective,
    ProjectPartner,
)

__all__ = [
    "Deliverable",
    "FoodChainLink",
    "Project",
    "ProjectFoodChainLink",
    "ProjectObjective",
    "ProjectPartner",
]
