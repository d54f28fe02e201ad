package web

import (
	"net/url"
	"strings"

	"github.com/ponte-desk/ponte/internal/i18n"
	"github.com/ponte-desk/ponte/internal/web/view"
)

const defaultZone = "Europe/Rome"

// zones are the time zones offered first; any other can be chosen when it is a company's already.
var zones = []string{
	"Europe/Rome", "Europe/London", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Amsterdam", "Europe/Luxembourg",
	"Europe/Zurich", "Europe/Berlin", "Europe/Vienna", "Europe/Ljubljana", "Europe/Zagreb", "Europe/Prague", "Europe/Warsaw", "Europe/Budapest",
	"Europe/Copenhagen", "Europe/Oslo", "Europe/Stockholm", "Europe/Helsinki", "Europe/Dublin", "Europe/Malta", "Europe/Tirane", "Europe/Belgrade",
	"Europe/Athens", "Europe/Sofia", "Europe/Bucharest", "Europe/Kyiv", "Europe/Istanbul", "Atlantic/Canary", "Atlantic/Azores", "Africa/Tunis",
	"Africa/Casablanca", "Africa/Cairo", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Toronto",
	"America/Mexico_City", "America/Bogota", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Asia/Jerusalem", "Asia/Dubai", "Asia/Kolkata",
	"Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "UTC",
}

// zoneName is how people call a zone: its city, in their language.
func zoneName(l *i18n.Localizer, zone string) string {
	_, city, ok := strings.Cut(zone, "/")
	if !ok {
		return zone
	}
	if i := strings.LastIndex(city, "/"); i >= 0 {
		city = city[i+1:]
	}
	city = strings.ReplaceAll(city, "_", " ")
	if key := "web.zone." + strings.ToLower(city); l.Has(key) {
		return l.T(key)
	}
	return city
}

func zoneOptions(l *i18n.Localizer, chosen string) []view.Option {
	var out []view.Option
	found := false
	for _, z := range zones {
		found = found || z == chosen
		out = append(out, view.Option{Value: z, Label: zoneName(l, z), Selected: z == chosen})
	}
	if !found && chosen != "" {
		out = append(out, view.Option{Value: chosen, Label: zoneName(l, chosen), Selected: true})
	}
	return out
}

// query writes names and values in turn as the query of an address; empty values are left out.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" && !(pairs[i] == "next" && pairs[i+1] == view.PathToday) {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q.Encode()
}

// safeBack is safeNext for who changes language or theme on any page, the door's included.
func safeBack(s string) string {
	if strings.HasPrefix(s, view.PathSignIn) && !strings.ContainsAny(s, "\\\r\n\t") {
		return s
	}
	return safeNext(s)
}
