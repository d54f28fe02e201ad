package feed

import (
	"strings"
	"time"
)

// zones are the names that RFC 822 knows, and those that real feeds write beside them.
var zones = map[string]string{
	"UT": "+0000", "UTC": "+0000", "GMT": "+0000", "Z": "+0000", "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "CEST": "+0200", "MET": "+0100", "MEST": "+0200",
	"EET": "+0200", "EEST": "+0300", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600", "PST": "-0800", "PDT": "-0700",
}

// Moment reads a time as feeds write it: RFC 3339 with all that may be left out, or RFC 822 with all that is done wrong in it. Zero: it is none.
func Moment(s string) time.Time {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 60 {
		return time.Time{}
	}
	for _, layout := range []string{
		time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-01", "2006",
	} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	if day, rest, ok := strings.Cut(s, ","); ok && len(day) < 12 {
		s = strings.TrimSpace(rest)
	} else if len(s) > 4 && s[3] == ' ' && s[0] > '9' { // the day of the week without its comma
		s = s[4:]
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		if offset, ok := zones[strings.ToUpper(s[i+1:])]; ok {
			s = s[:i+1] + offset
		}
	}
	s = strings.Replace(s, "Sept ", "Sep ", 1)
	for _, date := range []string{"2 Jan 2006", "2 Jan 06", "2 January 2006", "2-Jan-06", "Jan 2 2006", "Jan 2, 2006"} {
		for _, clock := range []string{" 15:04:05 -0700", " 15:04:05 -07:00", " 15:04 -0700", " 15:04:05", " 15:04", ""} {
			if t, err := time.Parse(date+clock, s); err == nil {
				return t.UTC()
			}
		}
	}
	return time.Time{}
}
