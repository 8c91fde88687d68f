"""Which small wrong changes of the code the tests notice: ``scripts/mutants``. `folders` lists what is changed, and the tests."""
