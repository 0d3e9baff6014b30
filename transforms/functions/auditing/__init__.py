"""What a lake's polls say of its feeds: those that lose items, are dead, have moved, or need a look."""
