package fetch_test

import (
	"net/netip"
	"testing"

	"github.com/ponte-desk/ponte/internal/fetch"
)

func TestInside(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1",
		"127.255.0.1", "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
		"192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1",
		"239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "fe80::1", "fe80::1%eth0",
		"2606:4700::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::169.254.169.254",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1",
		"4000::1", "5f00::1",
	} {
		if !fetch.Inside(netip.MustParseAddr(in)) {
			t.Errorf("%s passes for the open web", in)
		}
	}
	if !fetch.Inside(netip.Addr{}) {
		t.Error("no address passes for the open web")
	}
	for _, out := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
		"169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808", "2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
	} {
		if fetch.Inside(netip.MustParseAddr(out)) {
			t.Errorf("%s is refused", out)
		}
	}
}

func FuzzInside(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add([]byte{8, 8, 8, 8})
	f.Fuzz(func(t *testing.T, b []byte) {
		addr, ok := netip.AddrFromSlice(b)
		if !ok {
			return
		}
		if fetch.Inside(addr) != fetch.Inside(addr.Unmap()) {
			t.Fatalf("%s and its mapped form differ", addr)
		}
		private := addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() || addr.IsMulticast() || addr.IsUnspecified()
		if private && !fetch.Inside(addr) {
			t.Fatalf("%s passes for the open web", addr)
		}
		if addr.Is4() {
			b := addr.As4()
			embedded := netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 12: b[0], 13: b[1], 14: b[2], 15: b[3]})
			if fetch.Inside(addr) != fetch.Inside(embedded) {
				t.Fatalf("%s and %s differ", addr, embedded)
			}
		}
	})
}
