"""Which of several replicas writes: the one that holds a Lease in the cluster that hosts them."""
