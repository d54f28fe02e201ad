package demo

import (
	"testing"
	"time"
)

func TestLoad(t *testing.T) {
	c, err := Load(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, v := range c.Conversations {
		n += len(v.Interactions)
	}
	t.Log(len(c.Posts), len(c.Conversations), n, len(c.Reactions), len(c.People))
}
