package bluesky

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// sortable is the alphabet of TIDs: base32 whose letters sort like their values
// (https://atproto.com/specs/tid).
const sortable = "234567abcdefghijklmnopqrstuvwxyz"

// tidLen is the number of characters of a TID.
const tidLen = 13

// tid is a timestamp identifier: 53 bits of microseconds since 1970 and 10 bits of clock id, as 13 characters.
type tid string

// makeTID packs a time (cut to microseconds, not before 1970) and the low 10 bits of clock.
func makeTID(at time.Time, clock uint16) tid {
	us := max(at.UnixMicro(), 0)
	v := uint64(us)<<10&(1<<63-1) | uint64(clock&0x3ff)
	var b [tidLen]byte
	for i := tidLen - 1; i >= 0; i-- {
		b[i] = sortable[v&31]
		v >>= 5
	}
	return tid(b[:])
}

// recordKey chooses the key of a message's record. It depends on nothing but its two inputs, so that every attempt
// at one message writes to the same place, which cannot hold it twice. The milliseconds are those of preparedAt; the
// three digits below them and the clock id, 20 bits in all, come from a hash of key, so that messages prepared in
// the same transaction get places of their own.
func recordKey(key string, preparedAt time.Time) tid {
	sum := sha256.Sum256([]byte("ponte record key\x00" + key))
	below := time.Duration(binary.BigEndian.Uint64(sum[:8])%1000) * time.Microsecond
	return makeTID(preparedAt.Truncate(time.Millisecond).Add(below), binary.BigEndian.Uint16(sum[8:10]))
}

// parseTID tells whether s is a TID.
func parseTID(s string) (tid, bool) {
	if len(s) != tidLen {
		return "", false
	}
	for i := range len(s) {
		v := digit(s[i])
		if v < 0 || i == 0 && v > 15 {
			return "", false
		}
	}
	return tid(s), true
}

// at gives the time a valid TID carries.
func (t tid) at() time.Time {
	var v uint64
	for i := range len(t) {
		v = v<<5 | uint64(max(digit(t[i]), 0))
	}
	return time.UnixMicro(int64(v >> 10)).UTC()
}

func digit(c byte) int {
	switch {
	case c >= '2' && c <= '7':
		return int(c - '2')
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 6
	default:
		return -1
	}
}
