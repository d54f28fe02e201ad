package network

import (
	"time"

	"github.com/ponte-desk/ponte/internal/team"
)

// The bounds of waiting between two readings.
const (
	paceFast  = 3 * time.Second // just after something came in
	paceDay   = time.Minute
	paceNight = 5 * time.Minute
	// pacePages is the pause between two pages of history.
	pacePages = 200 * time.Millisecond
	// spare is how many requests are left alone for what people do: replies, opening a conversation.
	spare = 30
	// longest bounds every wait that a server asks for, because servers' clocks are wrong too.
	longest = 15 * time.Minute
)

// pace is how long to wait before reading again when the last news came in at newsAt (zero: never): a tenth of the
// silence so far, at least 3 seconds, at most a minute by day and 5 minutes at night. It is day from 7 to 22 on the
// company's clock and whenever the company is open.
func pace(now, newsAt time.Time, hours team.Hours, loc *time.Location) time.Duration {
	slowest := paceNight
	if h := now.In(loc).Hour(); h >= 7 && h < 22 || !hours.Closed() && hours.Open(now, loc) {
		slowest = paceDay
	}
	if newsAt.IsZero() {
		return slowest
	}
	return min(max(now.Sub(newsAt)/10, paceFast), slowest)
}

// pause is how long a server's limits ask to wait before the next request. more tells that history is being read:
// then what is left is spread over the time until it is full again, less the spare.
func pause(r Rate, more bool, now time.Time) time.Duration {
	least := time.Duration(0)
	if more {
		least = pacePages
	}
	left := r.Reset.Sub(now)
	if r.Remaining < 0 || r.Reset.IsZero() || left <= 0 {
		if r.Remaining == 0 { // no word about when: a minute is what most servers mean
			return time.Minute
		}
		return least
	}
	left = min(left, longest)
	if r.Remaining <= spare {
		return max(left, least)
	}
	if more && r.Remaining < 4*spare {
		return max(left/time.Duration(r.Remaining-spare), least)
	}
	return least
}

// backoff is how long to wait after so many failures in a row, 1 or more: 5 seconds, doubled each time, at most 10
// minutes, give or take a fifth by random (0 to 1); and never shorter than the server asked for, within an hour.
func backoff(failures int, asked time.Duration, random float64) time.Duration {
	d := 10 * time.Minute
	if failures < 8 {
		d = min(d, 5*time.Second<<max(failures-1, 0))
	}
	d = time.Duration(float64(d) * (0.8 + 0.4*random))
	d = min(max(d, 5*time.Second), 10*time.Minute)
	return max(d, min(asked, time.Hour))
}
