package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ponte-desk/ponte/internal/fault"
	"github.com/ponte-desk/ponte/internal/network"
	"github.com/ponte-desk/ponte/internal/post"
	"github.com/ponte-desk/ponte/internal/schedule"
	"github.com/ponte-desk/ponte/internal/team"
	"github.com/ponte-desk/ponte/internal/web/view"
)

// PathGuest is where personal links lead; a secret follows.
const PathGuest = "/g/"

func (w *Web) postDoRoutes() {
	at := "POST " + view.PathPosts + "/{id}"
	w.member(at+"/restore", w.restorePost)
	w.member(at+"/delete", w.deletePost)
	w.member(at+"/copy", w.copyPost)
	w.member(at+"/share", w.sharePost)
	w.member(at+"/comments", w.commentPost)
	w.member(at+"/comments/{comment}/drop", w.dropPostComment)
	w.member(at+"/approve", w.approvePost)
	w.member(at+"/back", w.sendBackPost)
	w.member(at+"/withdraw", w.withdrawPost)
	w.member(at+"/guests", w.inviteGuest)
	w.member(at+"/guests/{guest}/drop", w.dropGuest)
	w.member(at+"/move", w.movePost)
	w.member(at+"/now", w.sendPostNow)
	w.member(at+"/cancel", w.cancelPost)
	w.member(at+"/release", w.releasePost)
	w.member(at+"/series/end", w.endPostSeries)
	w.member(at+"/down", w.takePostDown)
	w.member(at+"/fixes/{fix}/approve", w.approvePostFix)
	w.member(at+"/fixes/{fix}/back", w.sendBackPostFix)
	for verb := range w.partVerbs() {
		w.member(at+"/parts/{part}/"+verb, w.movePostPart)
	}
}

func (w *Web) restorePost(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{name: "restore", key: "postpage.restored"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		version, _ := strconv.Atoi(r.PostFormValue("version")) // not a number: stale
		_, err := w.rooms.Posts.Restore(ctx, a, id, post.PastID(r.PostFormValue("past")), version)
		return err
	})
}

func (w *Web) deletePost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	if err := w.rooms.Posts.Delete(r.Context(), d.v.actor, id); err != nil {
		return d.postDone(rw, id, err, caseForm{})
	}
	return d.done(rw, r, view.PathPosts, "postpage.deleted")
}

func (w *Web) copyPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	made, err := w.rooms.Posts.Copy(r.Context(), d.v.actor, id, nil)
	if err != nil {
		return d.postDone(rw, id, err, caseForm{})
	}
	return d.done(rw, r, postPath(made.ID), "postpage.copied")
}

func (w *Web) sharePost(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{place: "post-share", key: "postpage.shared"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		return w.rooms.Posts.Share(ctx, a, id, members(r.PostForm["members"]))
	})
}

func (w *Web) commentPost(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "comment", fields: []string{"text"}, place: "post-comments", key: "postpage.commented"}
	return w.postUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		_, err := w.rooms.Posts.Comment(ctx, a, id, r.PostFormValue("text"))
		return err
	})
}

func (w *Web) dropPostComment(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{place: "post-comments", key: "postpage.uncommented"}, func(ctx context.Context, _ *desk, a team.Actor, _ post.ID) error {
		return w.rooms.Posts.DeleteComment(ctx, a, post.CommentID(r.PathValue("comment")))
	})
}

// approvePost says yes to the very bytes that the page showed.
func (w *Web) approvePost(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{place: "approve", key: "postpage.approved"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		_, err := w.rooms.Posts.Approve(ctx, a, id, r.PostFormValue("hash"))
		return err
	})
}

func (w *Web) sendBackPost(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "back", fields: []string{"why"}, key: "postpage.back.done"}
	return w.postUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		_, err := w.rooms.Posts.SendBack(ctx, a, id, r.PostFormValue("why"))
		return err
	})
}

func (w *Web) withdrawPost(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{key: "postpage.withdrawn"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		_, err := w.rooms.Posts.WithdrawAsk(ctx, a, id)
		return err
	})
}

// inviteGuest makes a personal link and shows it once: it is kept as a hash only.
func (w *Web) inviteGuest(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	days, _ := strconv.Atoi(r.PostFormValue("days")) // not a number: a week
	g, token, err := w.rooms.Posts.InviteGuest(r.Context(), d.v.actor, id, post.GuestIn{Name: r.PostFormValue("name"), Days: days})
	if err != nil {
		return d.postDone(rw, id, err, caseForm{name: "guest", fields: []string{"name", "days"}})
	}
	x, err := d.openPost(id, postState{form: "guest", made: &view.CopyProps{
		ID: "guest-link", Label: d.t("postpage.guest.link", "name", g.Name), Value: w.address(r, PathGuest+token), Hint: d.t("postpage.guest.once", "until", d.moment(g.ExpiresAt)),
	}})
	if err != nil {
		return err
	}
	return x.showSheet(rw, http.StatusOK)
}

func (w *Web) dropGuest(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{place: "post-guests", key: "postpage.guest.dropped"}, func(ctx context.Context, _ *desk, a team.Actor, _ post.ID) error {
		return w.rooms.Posts.WithdrawGuest(ctx, a, post.GuestID(r.PathValue("guest")))
	})
}

func (w *Web) movePost(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "move", fields: []string{"at", "when"}, place: "post-time", key: "postpage.moved"}
	return w.postUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		if err := a.May(team.PostsPublish); err != nil {
			return err
		}
		wall, ok := schedule.ParseWall(r.PostFormValue("at"))
		if !ok {
			return fault.InvalidFields(fault.Field{Name: "when", Key: "web.day.wrong"})
		}
		_, err := w.rooms.Posts.Move(ctx, a, id, wall, r.PostFormValue("second") != "")
		return err
	})
}

// sendPostNow sends what has every yes it needs.
func (w *Web) sendPostNow(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{key: "postpage.gone.now"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		version, _ := strconv.Atoi(r.PostFormValue("version")) // not a number: stale
		_, err := w.rooms.Posts.Schedule(ctx, a, id, post.ScheduleIn{Version: version, When: post.When{Kind: post.Now}})
		return err
	})
}

// cancelPost takes a post back and says where something of it was out already.
func (w *Web) cancelPost(rw http.ResponseWriter, r *http.Request) error {
	d, err := w.sideDesk(r)
	if err != nil {
		return err
	}
	id := post.ID(r.PathValue("id"))
	c, err := w.rooms.Posts.Cancel(r.Context(), d.v.actor, id)
	if err != nil || len(c.Out) == 0 {
		return d.postDone(rw, id, err, caseForm{key: "postpage.cancelled"})
	}
	var names []string
	for _, ch := range c.Out {
		names = append(names, d.channelLabel(ch))
	}
	return d.done(rw, r, postPath(id), "postpage.cancelled.some", "channels", strings.Join(names, ", "))
}

func (w *Web) releasePost(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{key: "postpage.released"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		_, err := w.rooms.Posts.Release(ctx, a, id)
		return err
	})
}

func (w *Web) endPostSeries(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{place: "post-time", key: "postpage.series.ended"}, func(ctx context.Context, _ *desk, a team.Actor, _ post.ID) error {
		return w.rooms.Posts.EndSeries(ctx, a, post.SeriesID(r.PostFormValue("series")))
	})
}

func (w *Web) takePostDown(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{key: "postpage.down.done"}, func(ctx context.Context, _ *desk, a team.Actor, id post.ID) error {
		if err := a.May(team.PostsPublish); err != nil {
			return err
		}
		var channels []network.ChannelID
		for _, ch := range r.PostForm["channels"] {
			channels = append(channels, network.ChannelID(ch))
		}
		if len(channels) == 0 { // none ticked is none, not all
			return fault.InvalidFields(fault.Field{Name: "channels", Key: "post.channels.none"})
		}
		_, err := w.rooms.Posts.TakeDown(ctx, a, id, channels)
		return err
	})
}

func (w *Web) approvePostFix(rw http.ResponseWriter, r *http.Request) error {
	return w.postUse(rw, r, caseForm{key: "postpage.fix.approved"}, func(ctx context.Context, _ *desk, a team.Actor, _ post.ID) error {
		_, err := w.rooms.Posts.ApproveCorrection(ctx, a, post.CorrectionID(r.PathValue("fix")), r.PostFormValue("hash"))
		return err
	})
}

func (w *Web) sendBackPostFix(rw http.ResponseWriter, r *http.Request) error {
	f := caseForm{name: "fix-" + r.PathValue("fix"), fields: []string{"why"}, key: "postpage.fix.back"}
	return w.postUse(rw, r, f, func(ctx context.Context, _ *desk, a team.Actor, _ post.ID) error {
		_, err := w.rooms.Posts.SendBackCorrection(ctx, a, post.CorrectionID(r.PathValue("fix")), r.PostFormValue("why"))
		return err
	})
}

// partVerbs are what can be done about a message that did not get through.
func (w *Web) partVerbs() map[string]func(context.Context, team.Actor, post.PartID) error {
	return map[string]func(context.Context, team.Actor, post.PartID) error{
		"retry": func(ctx context.Context, a team.Actor, id post.PartID) error { return w.rooms.Posts.Retry(ctx, a, id) },
		"again": func(ctx context.Context, a team.Actor, id post.PartID) error {
			return w.rooms.Posts.SendAgain(ctx, a, id)
		},
		"giveup": func(ctx context.Context, a team.Actor, id post.PartID) error { return w.rooms.Posts.GiveUp(ctx, a, id) },
	}
}

func (w *Web) movePostPart(rw http.ResponseWriter, r *http.Request) error {
	verb := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	return w.postUse(rw, r, caseForm{place: "post-places", key: "postpage.partdone." + verb}, func(ctx context.Context, d *desk, a team.Actor, id post.ID) error {
		if err := a.May(team.PostsPublish); err != nil {
			return err
		}
		// The part must be of this post, so that what is said afterwards is about it.
		f, err := w.rooms.Posts.Open(ctx, a, id)
		if err != nil {
			return err
		}
		part := post.PartID(r.PathValue("part"))
		ours := slices.ContainsFunc(f.Variants, func(v post.Variant) bool {
			return slices.ContainsFunc(v.Parts, func(p post.Part) bool { return p.ID == part })
		})
		if !ours {
			return fault.New(fault.NotFound, "post.missing")
		}
		return w.partVerbs()[verb](ctx, a, part)
	})
}
