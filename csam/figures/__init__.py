"""Figures drawn on the server as SVG: the diagram, the map, the charts."""
