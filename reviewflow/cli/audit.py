"""`reviewflow audit`: proving that nothing was changed behind the procedure's back."""

from __future__ import annotations

import sys

import click

from reviewflow.cli.running import in_app


@click.group()
def audit() -> None:
    """Prove that events and texts are as they were written."""


@audit.command()
@in_app
def verify() -> None:
    """Recompute the chain of events of each task force, and the digest of every text and document.

    Prints what was counted; names what does not fit and ends with exit code 1.
    """
    from reviewflow.queries import integrity

    faults: list[str] = []
    for chain in integrity.check_chains():
        if chain.broken_at is None:
            click.echo(f"{chain.task_force}: {chain.events:,} events, chain intact, last hash {chain.head}")
        else:
            faults.append(f"{chain.task_force}: the chain of events breaks at event {chain.broken_at}")
    texts = integrity.check_texts()
    documents = integrity.check_documents()
    faults += [
        f"{fault.where}: the digest is {fault.recomputed}, but {fault.recorded} was recorded"
        for fault in (*texts.faults, *documents.faults)
    ]
    if not faults:
        click.echo(f"{texts.checked:,} texts, each with the digest that was recorded")
        click.echo(f"{documents.checked:,} documents, each with the digest that was recorded")
        return
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(1)
