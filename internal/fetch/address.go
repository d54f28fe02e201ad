package fetch

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
)

// InsideError says that an address points into a private network, at this machine, or at another place that is not
// the open web. Find it with errors.As; as a fault it is fetch.inside.
type InsideError struct {
	Host string     // what was to be reached, as far as known, else the address
	Addr netip.Addr // what it resolved to; not valid when the host was refused by its form
}

// Error implements error.
func (e *InsideError) Error() string {
	return fmt.Sprintf("fetch: %s (%s) is not on the open web", e.Host, e.Addr)
}

// Unwrap gives the fault that doors show.
func (e *InsideError) Unwrap() error {
	return fault.New(fault.Invalid, "fetch.inside").With("host", e.Host)
}

// The 2000::/3 block is all of IPv6 that is given out for the open web (RFC 4291 section 2.4); what is not open inside
// of it, and in IPv4, is taken from the IANA special-purpose address registries.
var (
	openIPv6 = netip.MustParsePrefix("2000::/3")
	nat64    = netip.MustParsePrefix("64:ff9b::/96")

	closed = []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"),        // this network
		netip.MustParsePrefix("10.0.0.0/8"),       // private
		netip.MustParsePrefix("100.64.0.0/10"),    // carrier-grade NAT; some clouds' metadata
		netip.MustParsePrefix("127.0.0.0/8"),      // loopback
		netip.MustParsePrefix("168.63.129.16/32"), // a cloud's host agent, on a public address
		netip.MustParsePrefix("169.254.0.0/16"),   // link-local; most clouds' metadata
		netip.MustParsePrefix("172.16.0.0/12"),    // private
		netip.MustParsePrefix("192.0.0.0/24"),     // protocol assignments; a cloud's metadata
		netip.MustParsePrefix("192.0.2.0/24"),     // documentation
		netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
		netip.MustParsePrefix("192.168.0.0/16"),   // private
		netip.MustParsePrefix("198.18.0.0/15"),    // measuring
		netip.MustParsePrefix("198.51.100.0/24"),  // documentation
		netip.MustParsePrefix("203.0.113.0/24"),   // documentation
		netip.MustParsePrefix("224.0.0.0/4"),      // multicast
		netip.MustParsePrefix("240.0.0.0/4"),      // reserved, broadcast
		netip.MustParsePrefix("2001::/23"),        // Teredo and other protocols
		netip.MustParsePrefix("2001:db8::/32"),    // documentation
		netip.MustParsePrefix("2002::/16"),        // 6to4: holds an IPv4 address
		netip.MustParsePrefix("3fff::/20"),        // documentation
	}
)

// Inside tells whether an address is anything but a place on the open web: private, loopback, link-local,
// carrier-grade NAT, multicast, unspecified, reserved, for documentation, a cloud's metadata, or an IPv6 form that
// carries such an IPv4 address. IPv4-mapped and NAT64 addresses are judged by the IPv4 address in them.
func Inside(addr netip.Addr) bool {
	if !addr.IsValid() || addr.Zone() != "" {
		return true
	}
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		b := addr.As16()
		addr = netip.AddrFrom4([4]byte(b[12:]))
	}
	if addr.Is6() && !openIPv6.Contains(addr) {
		return true
	}
	for _, p := range closed {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// guard decides where connections may go.
type guard struct {
	allow []netip.Prefix
}

// Refused says whether a host is refused by its form alone: an address inside, unless it lies in allow, or what no honest address looks
// like. Where a name leads is only known when it is resolved; a client looks then.
func Refused(host string, allow []netip.Prefix) error { return guard{allow: allow}.host(host) }

func (g guard) permits(addr netip.Addr) bool {
	for _, p := range g.allow {
		if p.Contains(addr.Unmap()) || p.Contains(addr) {
			return true
		}
	}
	return !Inside(addr)
}

// host refuses by form what no honest address looks like: a host that ends in a number without being an IP address
// ("2130706433", "0x7f.1", "0177.0.0.1"), which resolvers read as addresses in ways of their own
// (WHATWG URL, "ends in a number checker").
func (g guard) host(host string) error {
	if host == "" {
		return fault.New(fault.Invalid, "fetch.address").With("address", host)
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if !g.permits(addr) {
			return &InsideError{Host: host, Addr: addr}
		}
		return nil
	}
	trimmed := strings.TrimSuffix(host, ".")
	last := trimmed[strings.LastIndexByte(trimmed, '.')+1:]
	digits, hex := strings.CutPrefix(strings.ToLower(last), "0x")
	base := 10
	if hex {
		base = 16
	}
	number := last != "" && strings.Trim(last, "0123456789") == ""
	if _, err := strconv.ParseUint(digits, base, 64); number || hex && (err == nil || digits == "") {
		return &InsideError{Host: host}
	}
	return nil
}

// dial refuses an address, "ip:port", after resolution and before the connection.
func (g guard) dial(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("fetch: %q is no address to connect to: %w", address, err)
	}
	if !g.permits(ap.Addr()) {
		return &InsideError{Host: ap.Addr().String(), Addr: ap.Addr()}
	}
	return nil
}
