"""The part of the published API v10 spoken here: the objects that requests are made of."""

from __future__ import annotations

from tests.fakes.telegram.schema import parse_shapes

_SHARED = {
    "message": (
        "content:str(0,2000) embeds:[Embed] allowed_mentions:AllowedMentions "
        "components:[Component] attachments:[Attachment] flags:int poll:PollCreate tts:bool"
    ),
    "thread": "name!:str(1,100) auto_archive_duration:int rate_limit_per_user:int(0,21600)",
    "paged": "before:snowflake after:snowflake limit:int(1,1000)",
    "channel": (
        "name:str(1,100) topic:str(0,4096) nsfw:bool position:int parent_id:snowflake "
        "rate_limit_per_user:int(0,21600) permission_overwrites:[Overwrite]"
    ),
    "localised": "name_localizations:any description_localizations:any",
}

OBJECTS = parse_shapes(
    """
Nothing
AllowedMentions parse:[str] users:[snowflake] roles:[snowflake] replied_user:bool
Attachment id!:snowflake filename:str(0,1024) description:str(0,1024) title:str size:int url:str
    proxy_url:str content_type:str height:int width:int ephemeral:bool duration_secs:float
    waveform:str flags:int spoiler:bool is_spoiler:bool
Embed title:str(0,256) type:str description:str(0,4096) url:str timestamp:str color:colour
    footer:EmbedFooter image:EmbedMedia thumbnail:EmbedMedia video:EmbedMedia provider:any
    author:EmbedAuthor fields:[EmbedField] flags:int
EmbedFooter text!:str(1,2048) icon_url:str proxy_icon_url:str
EmbedAuthor name!:str(1,256) url:str icon_url:str proxy_icon_url:str
EmbedField name!:str(1,256) value!:str(1,1024) inline:bool
EmbedMedia url!:str proxy_url:str height:int width:int
Emoji id:snowflake name:str animated:bool
Component type!:int id:int components:[Component] component:Component accessory:Component
    style:int label:str(0,80) emoji:Emoji custom_id:str(1,100) url:str(0,512) disabled:bool
    sku_id:snowflake options:[SelectOption] placeholder:str(0,150) min_values:int(0,25)
    max_values:int(1,25) channel_types:[int] default_values:[any] content:str(1,4000)
    spoiler:bool accent_color:colour divider:bool spacing:int items:[any] media:any file:any
    description:str(0,1024) required:bool min_length:int(0,4000) max_length:int(1,4000)
    value:str(0,4000)
SelectOption label!:str(1,100) value!:str(1,100) description:str(0,100) emoji:Emoji default:bool
Reference type:int(0,1) message_id:snowflake channel_id:snowflake guild_id:snowflake
    fail_if_not_exists:bool
PollCreate question!:PollMedia answers!:[PollAnswer] duration:float allow_multiselect:bool
    layout_type:int
PollMedia text:str(0,300) emoji:Emoji
PollAnswer answer_id:int poll_media!:PollMedia
CreateMessage @message nonce:any enforce_nonce:bool message_reference:Reference
    sticker_ids:[snowflake]
EditMessage content:str(0,2000) embeds:[Embed] allowed_mentions:AllowedMentions
    components:[Component] attachments:[Attachment] flags:int tts:bool poll:PollCreate
BulkDelete messages!:[snowflake]
GetMessages around:snowflake before:snowflake after:snowflake limit:int(1,100)
Overwrite id!:snowflake type!:int(0,1) allow:int deny:int
EditOverwrite id:snowflake type!:int(0,1) allow:int deny:int
CreateChannel @channel type:int bitrate:int user_limit:int rtc_region:str video_quality_mode:int
    default_auto_archive_duration:int default_thread_rate_limit_per_user:int available_tags:[any]
    default_reaction_emoji:any default_sort_order:int default_forum_layout:int
EditChannel @channel type:int archived:bool locked:bool auto_archive_duration:int invitable:bool
    flags:int applied_tags:[snowflake] available_tags:[any] default_auto_archive_duration:int
StartThread @thread type:int invitable:bool
StartPost @thread type:int invitable:bool message:CreateMessage applied_tags:[snowflake]
NestedFields use_nested_fields:bool
ArchivedThreads before:any limit:int(1,100)
EditMember nick:str(0,32) roles:[snowflake] mute:bool deaf:bool channel_id:snowflake
    communication_disabled_until:time flags:int
EditMe nick:str(0,32)
GetMembers limit:int(1,1000) after:snowflake
SearchMembers query!:str limit:int(1,1000)
Ban delete_message_seconds:int(0,604800) delete_message_days:int(0,7)
BulkBan user_ids!:[snowflake] delete_message_seconds:int(0,604800)
GetBans @paged
GetGuild with_counts:bool
GetGuilds @paged with_counts:bool
GetAuditLog @paged user_id:snowflake action_type:int
OpenDirect recipient_id!:snowflake
CreateWebhook name!:str(1,80) avatar:str
EditWebhook name:str(1,80) avatar:str channel_id:snowflake
ExecuteWebhook @message username:str(1,80) avatar_url:str thread_name:str(1,100)
    applied_tags:[snowflake]
WebhookQuery wait:bool thread_id:snowflake with_components:bool
Callback type!:int data:CallbackData
CallbackQuery with_response:bool
CallbackData @message choices:[Choice] custom_id:str(1,100) title:str(1,45)
Choice name!:str(1,100) name_localizations:any value!:any
GetCommands with_localizations:bool
Command id:snowflake application_id:snowflake guild_id:snowflake version:snowflake type:int
    name!:str(1,32) description:str(0,100) @localised options:[Option]
    default_member_permissions:int dm_permission:bool default_permission:bool nsfw:bool
    integration_types:[int] contexts:[int]
Option type!:int name!:str(1,32) description!:str(1,100) @localised required:bool
    choices:[Choice] options:[Option] channel_types:[int] min_value:float max_value:float
    min_length:int(0,6000) max_length:int(1,6000) autocomplete:bool
""",
    _SHARED,
)
