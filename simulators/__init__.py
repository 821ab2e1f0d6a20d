"""The other departments and the bank, as real HTTP services on loopback, with synthetic data only.

This is the other side of the wire: nothing here imports the platform. See README.md for the protocol and the switches.
"""
