"""Outputs of commands as sos saves them (sos 4.0 on Debian 12)."""

# iproute2 6.1: a bridge, a tap in it, and a veth whose other end is in another namespace; lines of details cut short.
DEVICES = """\
2: br0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 52:54:00:0d:0d:fe brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535
    bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 1 priority 32768 \
bridge_id 8000.52:54:0:d:d:fe designated_root 1000.2:42:af:bd:fb:4 root_port 1 root_path_cost 2 mcast_snooping 1
    inet 192.168.150.1/24 brd 192.168.150.255 scope global br0
       valid_lft forever preferred_lft forever
    inet6 fe80::1/64 scope link
       valid_lft forever preferred_lft forever
4: vnet0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1400 qdisc pfifo_fast master br0 state DOWN group default qlen 1000
    link/ether ea:57:4b:7d:b0:d6 brd ff:ff:ff:ff:ff:ff promiscuity 1  allmulti 1 minmtu 68 maxmtu 65521
    tun type tap pi off vnet_hdr off persist on
    bridge_slave state learning priority 32 cost 2 hairpin off guard off learning on port_id 0x8002 port_no 0x2
5: up0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 32:be:41:6d:c9:a1 brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0  allmulti 0 minmtu 68
    veth addrgenmode eui64
"""

WITH_STATE = """\
F   UID     PID    PPID PRI  NI    VSZ   RSS WCHAN  STAT TTY        TIME COMMAND
4     0       1       0  20   0  16024 12872 poll_s Ss   ?          0:00 /sbin/init splash
5     0      10       1  20   0 1214472 34652 poll_s Sl  ?          0:00 libvirtd -d
5 65534      97       1  20   0      0     0 -      Z    ?          0:00 [dnsmasq] <defunct>
4     0     361       1  20   0  11220  5452 -      R+   pts/0      0:00 gone before the second listing
"""
WITH_NAMES = """\
    PID    PPID USER     GROUP        LWP NLWP START COMMAND         CGROUP
      1       0 root     root           1    1 22:39 systemd         0::/init.scope
     10       1 root     root          10   18 22:39 libvirtd        -
     97       1 nobody   dip           97    1 22:39 dnsmasq <defunc -
"""
