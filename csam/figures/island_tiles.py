"""Where each territory's tile lies on the map of the island, and what is written in it.

Laid out from the label points of the territories (Ville de Montréal, open data, CC BY 4.0), then moved by
less than a tile where that keeps neighbours side by side.
"""

from typing import NamedTuple


class Cell(NamedTuple):
    """Column and row, in tiles (every other row is shifted by half); the short name has one or two lines."""

    column: float
    row: float
    short_name: tuple[str, ...]


#: By the abbreviation of the territory. L'Île-Bizard and L'Île-Dorval stand off the grid, in the water.
CELLS: dict[str, Cell] = {
    "RP": Cell(7.5, 0, ("Riv.-des-Prairies", "–P.-a.-T.")),
    "AJ": Cell(7, 1, ("Anjou",)),
    "ME": Cell(8, 1, ("Montréal-", "Est")),
    "MN": Cell(5.5, 2, ("Montréal-", "Nord")),
    "LN": Cell(6.5, 2, ("Saint-", "Léonard")),
    "MH": Cell(7.5, 2, ("Mercier–", "Hochelaga")),
    "AC": Cell(5, 3, ("Ahuntsic-", "Cartierville")),
    "VS": Cell(6, 3, ("Villeray–", "Saint-Michel")),
    "RO": Cell(7, 3, ("Rosemont–", "Petite-Patrie")),
    "IS": Cell(1.55, 3.68, ("L'Île-Bizard–", "Ste-Geneviève")),
    "DO": Cell(3.5, 4, ("Dollard-", "Des Ormeaux")),
    "LR": Cell(4.5, 4, ("Saint-", "Laurent")),
    "MR": Cell(5.5, 4, ("Mont-", "Royal")),
    "OM": Cell(6.5, 4, ("Outremont",)),
    "PM": Cell(7.5, 4, ("Le Plateau-", "Mont-Royal")),
    "PR": Cell(2, 5, ("Pierrefonds-", "Roxboro")),
    "KL": Cell(3, 5, ("Kirkland",)),
    "CL": Cell(4, 5, ("Côte-", "Saint-Luc")),
    "HS": Cell(5, 5, ("Hampstead",)),
    "CN": Cell(6, 5, ("Côte-des-Neiges", "–N.-D.-G.")),
    "WM": Cell(7, 5, ("Westmount",)),
    "VM": Cell(8, 5, ("Ville-", "Marie")),
    "SV": Cell(1.5, 6, ("Senneville",)),
    "BF": Cell(2.5, 6, ("Beaconsfield",)),
    "DV": Cell(3.5, 6, ("Dorval",)),
    "LC": Cell(4.5, 6, ("Lachine",)),
    "MO": Cell(5.5, 6, ("Montréal-", "Ouest")),
    "SO": Cell(6.5, 6, ("Le Sud-", "Ouest")),
    "VD": Cell(7.5, 6, ("Verdun",)),
    "BV": Cell(1, 7, ("Ste-Anne-de-", "Bellevue")),
    "BU": Cell(2, 7, ("Baie-", "D'Urfé")),
    "PC": Cell(3, 7, ("Pointe-", "Claire")),
    "ID": Cell(4, 7.3, ("L'Île-", "Dorval")),
    "LS": Cell(5, 7, ("LaSalle",)),
}
