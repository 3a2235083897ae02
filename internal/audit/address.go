package audit

import "net/netip"

// AddressOf returns the address of a peer as http.Request has it, without its port. What is no
// address is returned as it is.
func AddressOf(remote string) string {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return remote
	}
	return peer.Addr().Unmap().String()
}
