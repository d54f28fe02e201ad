package mastodon

import (
	"encoding/json"
	"errors"
)

// cursor is how far an account was read. It travels as JSON; nobody outside looks into it.
type cursor struct {
	Version       int    `json:"v"`
	Notifications stream `json:"n"`
	Own           stream `json:"o"`
	Conversations stream `json:"c"`
}

// stream is how far one list was read: forward from Fore, which was seen, and backward from Back.
type stream struct {
	Fore string `json:"f,omitempty"` // min_id of the next reading forward; "" before the first
	Back string `json:"b,omitempty"` // max_id of the next reading backward
	Done bool   `json:"d,omitempty"` // nothing older is there
	Off  bool   `json:"x,omitempty"` // the server has no such list
}

// beginning stands before every id that servers give, which are numbers or ULIDs.
const beginning = "0"

const cursorVersion = 1

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{Version: cursorVersion}, nil
	}
	var c cursor
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return cursor{}, err
	}
	if c.Version != cursorVersion {
		return cursor{}, errors.New("cursor of another version")
	}
	return c, nil
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // a struct of strings and booleans always marshals
	}
	return string(b)
}
