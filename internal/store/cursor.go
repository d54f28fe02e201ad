package store

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/ponte-desk/ponte/internal/fault"
)

// Cursor makes the keyset cursor of a list ordered by a time and an id: where the last page ended.
func Cursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at.UnixMicro(), 10) + " " + id))
}

// ParseCursor reads a Cursor back. What no Cursor made is Invalid.
func ParseCursor(s string) (time.Time, string, error) {
	bad := fault.New(fault.Invalid, "store.cursor")
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return time.Time{}, "", bad
	}
	micro, id, ok := strings.Cut(string(b), " ")
	n, err := strconv.ParseInt(micro, 10, 64)
	if !ok || err != nil || id == "" || len(id) > 64 || strings.ContainsAny(id, "\x00") {
		return time.Time{}, "", bad
	}
	return time.UnixMicro(n).UTC(), id, nil
}
