"""The staff's desk: the admin's own index, with what needs attention."""
