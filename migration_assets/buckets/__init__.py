"""The way of an object: inventory → decision → move, each object proven on its target."""
