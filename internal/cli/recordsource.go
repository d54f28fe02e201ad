package cli

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/clock"
	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/fetch"
	"github.com/ponte-desk/ponte/internal/merkle"
	"github.com/ponte-desk/ponte/internal/record"
)

// source is a record that somebody named.
type source struct {
	record.Source
	web bool // it is served; else it was saved
}

// now is the time of this machine, or of a test.
func (s *session) now() time.Time {
	if s.Deps.Clock != nil {
		return s.Deps.Clock.Now()
	}
	return clock.System().Now()
}

// source finds the record that an address or a folder names.
func (s *session) source(where string) (source, error) {
	if !strings.Contains(where, "://") {
		info, err := os.Stat(where)
		switch {
		case err == nil && info.IsDir():
			return source{Source: record.Folder(where)}, nil
		case err == nil || strings.HasPrefix(where, ".") || strings.HasPrefix(where, "/") || !strings.ContainsAny(where, ".:") && where != "localhost":
			return source{}, s.wrong("cli.record.address", "address", where)
		}
		where = "https://" + where
	}
	u, err := url.Parse(where)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" {
		return source{}, s.wrong("cli.record.address", "address", where)
	}
	client := fetch.NewClient(fetch.Options{AllowNetworks: named(s.ctx, u.Hostname()), UserAgent: "Ponte record"})
	for _, address := range addresses(u) {
		from, err := record.Web(client, address)
		if err != nil {
			return source{}, err
		}
		b, err := from.Get(s.ctx, record.CheckpointPath, merkle.MaxCheckpoint)
		switch {
		case err == nil:
			if _, _, err := merkle.Parse(b); err == nil {
				return source{Source: from, web: true}, nil
			}
			// A page that answers everything is no record.
		case errors.Is(err, record.ErrMissing), errors.Is(err, record.ErrLong):
		default:
			return source{}, err
		}
	}
	return source{}, fault.New(fault.NotFound, "record.none").With("address", where)
}

// addresses are where the record of a page may be: beside it, or nearer to the root of its site.
func addresses(u *url.URL) []string {
	base := *u
	base.RawQuery, base.Fragment, base.User = "", "", nil
	p := strings.TrimRight(path.Clean("/"+u.Path), "/")
	var all []string
	add := func(p string) {
		base.Path = p
		all = append(all, base.String())
	}
	switch path.Base(p) {
	case "record":
		add(p)
		p = path.Dir(p)
	case "crescita", "growth": // the growth page: its record is beside it
		p = path.Dir(p)
	}
	for range 4 {
		p = strings.TrimRight(p, "/")
		add(p + "/record")
		if p == "" {
			break
		}
		p = path.Dir(p)
	}
	return all
}

// named are the networks inside that a person opens by naming a host there: its own address when it is one, this machine when it is called
// so, and private addresses that its name stands for. A name never leads to this machine, nor to link-local addresses.
func named(ctx context.Context, host string) []netip.Prefix {
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap().WithZone("")
		return []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil // it will be said when it is asked for
	}
	return private(addrs)
}

// private are those of the addresses of a name that naming it opens.
func private(addrs []netip.Addr) (all []netip.Prefix) {
	for _, addr := range addrs {
		if addr = addr.Unmap(); addr.IsPrivate() {
			all = append(all, netip.PrefixFrom(addr, addr.BitLen()))
		}
	}
	return all
}
