"""Numbers as options, named as a person names them: click says of other words that they are no valid NAME."""

import click


class Number(click.FloatRange):
    name = "number"


class Whole(click.IntRange):
    name = "whole number"
