"""The plan: orientations, general objectives, cross-cutting issues and the planning process."""
