"""What Copier runs around its rendering, a file for each command; `for_copier` has the steps."""
