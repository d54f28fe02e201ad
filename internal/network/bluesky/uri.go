package bluesky

import (
	"net/url"
	"regexp"
	"strings"
)

// The collections this connector meets.
const (
	collectionPost    = "app.bsky.feed.post"
	collectionLike    = "app.bsky.feed.like"
	collectionRepost  = "app.bsky.feed.repost"
	collectionFollow  = "app.bsky.graph.follow"
	collectionProfile = "app.bsky.actor.profile"
)

// atURI names one record (https://atproto.com/specs/at-uri-scheme), always with a DID as its authority.
type atURI struct {
	DID, Collection, Key string
}

// String gives the canonical spelling.
func (u atURI) String() string { return "at://" + u.DID + "/" + u.Collection + "/" + u.Key }

var (
	// https://atproto.com/specs/did
	didShape = regexp.MustCompile(`^did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]$`)
	// https://atproto.com/specs/nsid
	nsidShape = regexp.MustCompile(`^[a-zA-Z]([a-zA-Z0-9-]{0,62})?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,62})?)+(\.[a-zA-Z]([a-zA-Z0-9]{0,62})?)$`)
	// https://atproto.com/specs/record-key
	keyShape = regexp.MustCompile(`^[a-zA-Z0-9_~.:-]{1,512}$`)
	// https://atproto.com/specs/handle
	handleShape = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

func isDID(s string) bool { return len(s) <= 2048 && didShape.MatchString(s) }

// parseURI reads the address of a record.
func parseURI(s string) (atURI, bool) {
	rest, ok := strings.CutPrefix(s, "at://")
	if !ok || len(s) > 8192 {
		return atURI{}, false
	}
	parts := strings.Split(rest, "/")
	if len(parts) != 3 {
		return atURI{}, false
	}
	u := atURI{DID: parts[0], Collection: parts[1], Key: parts[2]}
	if !isDID(u.DID) || len(u.Collection) > 317 || !nsidShape.MatchString(u.Collection) ||
		!keyShape.MatchString(u.Key) || u.Key == "." || u.Key == ".." {
		return atURI{}, false
	}
	return u, true
}

// parseHandle reads a handle as people write or paste it: with a leading @, capitals, and the invisible direction
// marks that apps copy along.
func parseHandle(s string) (string, bool) {
	s = strings.ToLower(strings.TrimPrefix(trimTyped(s), "@"))
	if len(s) > 253 || !handleShape.MatchString(s) {
		return "", false
	}
	return s, true
}

// trimTyped removes space and invisible direction marks around what was typed or pasted.
func trimTyped(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
	})
}

// origin gives scheme and host of an address when it is a plain web address without a path, else "".
func origin(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}

// hostOf gives the host of an address for messages to people.
func hostOf(s string) string {
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		return u.Host
	}
	return s
}
