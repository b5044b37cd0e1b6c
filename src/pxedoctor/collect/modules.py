"""Understands /proc/modules, modules.builtin and the kernel's configuration.

The fact is the names that are in the kernel now, loaded or built in, of those in MODULES. That a module could be loaded
is no part of it. Without a list of what is built in, a name that is not loaded cannot be called absent: Missing.
"""

from pxedoctor.access.answer import Answers, read_question, run_question
from pxedoctor.collect.ask.modules import LOADED, MODULES, OWN_CONFIG, builtin_file, config_file, module_of_file
from pxedoctor.collect.ask.system import KERNEL
from pxedoctor.collect.texts import text_of
from pxedoctor.model.fact import Missing


def parse(answers: Answers) -> tuple[str, ...] | Missing:
    built_in = _built_in(answers)
    if built_in is None:
        why = "neither modules.builtin nor the kernel's configuration could be read"
        return Missing("absent", why, "install the running kernel's package (its /lib/modules or /boot/config)")
    # A kernel without loadable modules has no /proc/modules (CONFIG_MODULES).
    lines = (text_of(answers, read_question(LOADED)) or "").splitlines()
    return tuple(sorted(built_in | {line.partition(" ")[0] for line in lines}))


def _built_in(answers: Answers) -> set[str] | None:
    kernel = (text_of(answers, read_question(KERNEL)) or "").strip()
    listed = text_of(answers, read_question(builtin_file(kernel)))
    if listed is not None:
        return {module_of_file(line) for line in listed.splitlines()}
    for question in (read_question(config_file(kernel)), run_question(OWN_CONFIG)):
        options = text_of(answers, question)
        if options is not None:
            chosen = {line.partition("=")[0] for line in options.splitlines() if line.endswith("=y")}
            return {module for module, option in MODULES.items() if option in chosen}
    return None
