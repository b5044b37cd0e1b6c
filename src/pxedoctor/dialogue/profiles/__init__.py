"""How clients ask, one file each; `registry` lists them all."""
