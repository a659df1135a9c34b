/* What the machine grpc_conn asks for. Begun by fsm-gen, yours from now on. */
#include "gconn_int.h"

void gconn_act_start_resolve(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_start_connect(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_send_preface(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_flush_queue(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_fail_queued(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_send_goaway(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_send_ping(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_fail_active(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_abort_io(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_count_attempt(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_reset_attempts(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_release(struct gconn *ctx)
{
    (void)ctx;
}

void gconn_act_queue_call(struct gconn *ctx, struct gcall *payload)
{
    (void)ctx;
    (void)payload;
}

void gconn_act_start_call(struct gconn *ctx, struct gcall *payload)
{
    (void)ctx;
    (void)payload;
}

void gconn_act_reject_call(struct gconn *ctx, struct gcall *payload)
{
    (void)ctx;
    (void)payload;
}

void gconn_act_save_addr(struct gconn *ctx, const struct gaddr *payload)
{
    (void)ctx;
    (void)payload;
}

void gconn_act_note_goaway(struct gconn *ctx, uint32_t payload)
{
    (void)ctx;
    (void)payload;
}

bool gconn_grd_has_queued(const struct gconn *ctx)
{
    (void)ctx;
    return false;
}

void gconn_arm(struct gconn *ctx, enum gconn_timer timer)
{
    (void)ctx;
    (void)timer;
}

void gconn_disarm(struct gconn *ctx, enum gconn_timer timer)
{
    (void)ctx;
    (void)timer;
}

void gconn_on_connectivity(struct gconn *ctx, enum gconn_connectivity from, enum gconn_connectivity to)
{
    (void)ctx;
    (void)from;
    (void)to;
}

void gconn_on_unexpected(struct gconn *ctx, enum gconn_state state, enum gconn_event ev)
{
    (void)ctx;
    (void)state;
    (void)ev;
}
