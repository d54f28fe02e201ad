package cli

import (
	"net/netip"
	"net/url"
	"slices"
	"testing"
)

func TestWhereARecordMayBe(t *testing.T) {
	t.Parallel()
	for where, want := range map[string][]string{
		"https://arno.example":                        {"https://arno.example/record"},
		"https://arno.example/":                       {"https://arno.example/record"},
		"https://arno.example/crescita":               {"https://arno.example/record"},
		"https://arno.example/growth/?from=x#y":       {"https://arno.example/record"},
		"https://me:pw@arno.example/record/":          {"https://arno.example/record", "https://arno.example/record"},
		"https://arno.example/sample/crescita":        {"https://arno.example/sample/record", "https://arno.example/record"},
		"http://127.0.0.1:8080/crescita/7":            {"http://127.0.0.1:8080/crescita/7/record", "http://127.0.0.1:8080/crescita/record", "http://127.0.0.1:8080/record"},
		"https://arno.example/a/b/c/d/e/f":            nil, // not all the way up
		"https://arno.example/../../etc/./growth//..": {"https://arno.example/etc/record", "https://arno.example/record"},
	} {
		u, err := url.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		got := addresses(u)
		if want == nil {
			if len(got) != 4 {
				t.Errorf("%s: %v", where, got)
			}
			continue
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", where, got)
		}
	}
}

// Naming a place inside opens just that place.
func TestWhatANameOpens(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"127.0.0.1": "127.0.0.1/32", "::1": "::1/128", "192.168.1.7": "192.168.1.7/32", "::ffff:10.0.0.1": "10.0.0.1/32", "fe80::1%eth0": "fe80::1/128",
		"93.184.216.34": "93.184.216.34/32",
	} {
		if got := named(t.Context(), host); len(got) != 1 || got[0] != netip.MustParsePrefix(want) {
			t.Errorf("%s opens %v", host, got)
		}
	}
	for _, host := range []string{"localhost", "LOCALHOST.", "desk.localhost"} {
		if got := named(t.Context(), host); len(got) != 2 || !got[0].Contains(netip.MustParseAddr("127.0.0.1")) || got[0].Contains(netip.MustParseAddr("10.0.0.1")) {
			t.Errorf("%s opens %v", host, got)
		}
	}
}

// What a name stands for may be a desk in the company's own network, never this machine, its neighbours, or a cloud's metadata.
func TestWhatTheAddressesOfANameOpen(t *testing.T) {
	t.Parallel()
	for addr, open := range map[string]bool{
		"10.1.2.3": true, "192.168.1.7": true, "172.16.0.1": true, "fd12::7": true, "::ffff:10.0.0.1": true, "127.0.0.1": false, "::1": false,
		"169.254.169.254": false, "fe80::1": false, "100.100.100.200": false, "168.63.129.16": false, "0.0.0.0": false, "::ffff:127.0.0.1": false, "93.184.216.34": false,
	} {
		if got := private([]netip.Addr{netip.MustParseAddr(addr)}); len(got) == 1 != open {
			t.Errorf("%s opens %v", addr, got)
		}
	}
}
