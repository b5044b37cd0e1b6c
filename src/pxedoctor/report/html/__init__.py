"""One page that holds everything: what a report says and draws, in a file that needs no network and no script."""
