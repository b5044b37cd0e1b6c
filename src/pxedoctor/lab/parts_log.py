"""A log in a site: busybox syslogd writes /var/log/messages, which a host without a journal has."""

from pxedoctor.lab.site import Site

LOG = "/var/log/messages"


def start_syslog(site: Site) -> None:
    """It returns when programs can log: once /dev/log is there."""
    site.run("busybox", "syslogd", "-O", LOG)
    site.run("timeout", "10", "sh", "-c", "until [ -S /dev/log ]; do sleep 0.05; done")
