"""How clusters join the federation and leave it: the account in the member, and its kubeconfig in the host cluster."""
