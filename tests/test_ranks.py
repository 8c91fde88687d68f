"""Which processes show a plot, with the variables that batch systems and MPI launchers really set."""

from __future__ import annotations

import pytest

from asyncplot.settings import rank_shows

JOB = {"SLURM_JOB_ID": "81", "SLURM_JOBID": "81", "SLURM_NNODES": "2", "SLURM_CLUSTER_NAME": "c"}
ALLOCATED = {**JOB, "SLURM_NTASKS": "4", "SLURM_NPROCS": "4", "SLURM_TASKS_PER_NODE": "2(x2)"}
BATCH = {**ALLOCATED, "SLURM_PROCID": "0", "SLURM_LOCALID": "0", "SLURM_NODEID": "0", "SLURM_TASK_PID": "7"}
ARRAY = {"SLURM_ARRAY_JOB_ID": "81", "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "8"}
TORCHRUN = {
    "LOCAL_RANK": "0",
    "GROUP_RANK": "1",
    "ROLE_RANK": "2",
    "WORLD_SIZE": "4",
    "LOCAL_WORLD_SIZE": "2",
    "MASTER_ADDR": "node1",
    "MASTER_PORT": "29400",
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_RESTART_COUNT": "0",
}


def step(rank: int, tasks: int = 4) -> dict[str, str]:
    """The variables that ``srun`` gives a task, in addition to those of the job."""
    ours = {"SLURM_PROCID": str(rank), "SLURM_STEP_ID": "0", "SLURM_STEPID": "0", "SLURM_LOCALID": "0"}
    return {
        **ours,
        "SLURM_NTASKS": str(tasks),
        "SLURM_STEP_NUM_TASKS": str(tasks),
        "SLURM_SRUN_COMM_PORT": "4",
    }


def openmpi(rank: int) -> dict[str, str]:
    """The variables of a process of Open MPI's ``mpirun``."""
    both = {"OMPI_COMM_WORLD_RANK": str(rank), "PMIX_RANK": str(rank)}
    return {
        **both,
        "OMPI_COMM_WORLD_SIZE": "4",
        "OMPI_COMM_WORLD_LOCAL_RANK": "0",
        "PMIX_NAMESPACE": "prte-1",
    }


def hydra(rank: int) -> dict[str, str]:
    """The variables of a process of the launcher of MPICH and Intel MPI."""
    return {"PMI_RANK": str(rank), "PMI_SIZE": "4", "PMI_FD": "9", "MPI_LOCALRANKID": "0"}


def mvapich(rank: int) -> dict[str, str]:
    """The variables of a process of MVAPICH's ``mpirun_rsh``."""
    return {"MV2_COMM_WORLD_RANK": str(rank), "MV2_COMM_WORLD_SIZE": "4", "MPIRUN_RANK": str(rank)}


@pytest.mark.parametrize(
    ("shows", "variables"),
    [
        (True, {}),
        (True, {"RANK": "3"}),
        (True, {"RANK": "3", "LOCAL_RANK": "3", "WORLD_SIZE": "4"}),
        (True, ALLOCATED),
        (True, {**ALLOCATED, **step(0, 1), "SLURM_STEP_ID": "4294967290"}),  # salloc's interactive step
        (True, BATCH),
        (True, {**BATCH, **step(0)}),
        (False, {**BATCH, **step(3)}),
        (True, {**BATCH, **step(0, 1)}),
        (True, {**BATCH, **step(0), "PMIX_RANK": "0"}),
        (False, {**BATCH, **step(3), "PMIX_RANK": "3"}),
        (False, {**BATCH, **step(2), "PMI_RANK": "2"}),
        (True, {**BATCH, **ARRAY}),
        (True, {**BATCH, **ARRAY, **step(0, 1)}),
        (True, {**BATCH, **ARRAY, **step(0)}),
        (False, {**BATCH, **ARRAY, **step(1)}),
        (True, openmpi(0)),
        (False, openmpi(1)),
        (True, {**BATCH, **step(1, 2), **openmpi(0)}),  # its daemon is a task of srun
        (False, {**BATCH, **step(0, 2), **openmpi(2)}),
        (True, hydra(0)),
        (False, hydra(1)),
        (True, {**BATCH, **step(1, 2), **hydra(0)}),
        (False, {**BATCH, **step(0, 2), **hydra(2)}),
        (True, mvapich(0)),
        (False, mvapich(1)),
        (True, {**TORCHRUN, "RANK": "0"}),
        (False, {**TORCHRUN, "RANK": "2"}),
        (True, {**BATCH, **step(1, 2), **TORCHRUN, "RANK": "0"}),  # one torchrun on each node
        (False, {**BATCH, **step(0, 2), **TORCHRUN, "RANK": "1"}),
        (False, {**openmpi(0), **TORCHRUN, "RANK": "1"}),
        (True, {**BATCH, "DASK_PARENT": "tcp://10.0.0.1:8786"}),  # dask-jobqueue: each worker is a batch job
    ],
    ids=lambda value: "" if isinstance(value, bool) else "-".join(f"{k}={v}" for k, v in value.items())[:60],
)  # fmt: skip
def test_who_shows(monkeypatch: pytest.MonkeyPatch, shows: bool, variables: dict[str, str]) -> None:
    """Rank 0 of a parallel program shows, and so does a program that is no rank. With `all`, every rank shows."""
    for name in ("RANK", "LOCAL_RANK", "TORCHELASTIC_RUN_ID", "ASYNCPLOT_RANKS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert rank_shows() is shows
    monkeypatch.setenv("ASYNCPLOT_RANKS", "all")
    assert rank_shows()
