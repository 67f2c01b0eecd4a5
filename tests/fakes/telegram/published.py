"""The part of the published Bot API 10.0 spoken here: methods and the objects they take.

Of later versions there are ephemeral messages: of 10.2 the methods and `receiver_user_id`, of 10.3
`ephemeral_message_parameters`, which took its place. A real server knows one of the two.
"""

from __future__ import annotations

from .schema import parse_shapes

_SHARED = {
    "to": (
        "business_connection_id:str chat_id!:chat message_thread_id:int "
        "direct_messages_topic_id:int"
    ),
    "how": (
        "disable_notification:bool protect_content:bool allow_paid_broadcast:bool "
        "message_effect_id:str suggested_post_parameters:obj reply_parameters:ReplyParameters "
        "reply_markup:Markup"
    ),
    "caption": "caption:str parse_mode:str caption_entities:[MessageEntity]",
    "cover": "show_caption_above_media:bool has_spoiler:bool",
    "edit": "business_connection_id:str chat_id:chat message_id:int inline_message_id:str",
    "admin": (
        "is_anonymous:bool can_manage_chat:bool can_delete_messages:bool "
        "can_manage_video_chats:bool can_restrict_members:bool can_promote_members:bool "
        "can_change_info:bool can_invite_users:bool can_post_stories:bool can_edit_stories:bool "
        "can_delete_stories:bool can_post_messages:bool can_edit_messages:bool "
        "can_pin_messages:bool can_manage_topics:bool can_manage_direct_messages:bool "
        "can_manage_tags:bool"
    ),
}

OBJECTS = parse_shapes(
    """
MessageEntity type!:str offset!:int length!:int url:str user:obj language:str custom_emoji_id:str
    unix_time:int date_time_format:str
ReplyParameters message_id!:int chat_id:chat allow_sending_without_reply:bool quote:str(0,1024)
    quote_parse_mode:str quote_entities:[MessageEntity] quote_position:int checklist_task_id:int
    poll_option_id:str
EphemeralMessageParameters receiver_user_id!:int callback_query_id:str
    replace_callback_query_message:bool
LinkPreviewOptions is_disabled:bool url:str prefer_small_media:bool prefer_large_media:bool
    show_above_text:bool
InlineKeyboardMarkup inline_keyboard!:[[InlineKeyboardButton]]
InlineKeyboardButton text!:str icon_custom_emoji_id:str style:str url:str
    callback_data:bytes(1,64) web_app:obj login_url:obj switch_inline_query:str
    switch_inline_query_current_chat:str switch_inline_query_chosen_chat:obj
    copy_text:CopyTextButton callback_game:obj pay:bool
CopyTextButton text!:str(1,256)
ReplyKeyboardMarkup keyboard!:[[obj]] is_persistent:bool resize_keyboard:bool
    one_time_keyboard:bool input_field_placeholder:str(1,64) selective:bool
ReplyKeyboardRemove remove_keyboard!:bool selective:bool
ForceReply force_reply!:bool input_field_placeholder:str(1,64) selective:bool
ChatPermissions can_send_messages:bool can_send_audios:bool can_send_documents:bool
    can_send_photos:bool can_send_videos:bool can_send_video_notes:bool can_send_voice_notes:bool
    can_send_polls:bool can_send_other_messages:bool can_add_web_page_previews:bool
    can_react_to_messages:bool can_edit_tag:bool can_change_info:bool can_invite_users:bool
    can_pin_messages:bool can_manage_topics:bool
ChatAdministratorRights @admin
BotCommand command!:str description!:str
BotCommandScope type!:str chat_id:chat user_id:int
ReactionType type!:str emoji:str custom_emoji_id:str
InputPollOption text!:str(1,100) text_parse_mode:str text_entities:[MessageEntity] media:obj
InputMediaPhoto type!:str media!:str @caption @cover
InputMediaLivePhoto type!:str media!:str photo!:str @caption @cover
InputMediaVideo type!:str media!:str thumbnail:str cover:str start_timestamp:int @caption @cover
    width:int height:int duration:int supports_streaming:bool
InputMediaAnimation type!:str media!:str thumbnail:str @caption @cover width:int height:int
    duration:int
InputMediaAudio type!:str media!:str thumbnail:str @caption duration:int performer:str title:str
InputMediaDocument type!:str media!:str thumbnail:str @caption disable_content_type_detection:bool
""",
    _SHARED,
)

METHODS = parse_shapes(
    """
getMe
getUpdates offset:int limit:int(1,100) timeout:int(0,) allowed_updates:[str]
setWebhook url!:str certificate:file ip_address:str max_connections:int(1,100)
    allowed_updates:[str] drop_pending_updates:bool secret_token:str
deleteWebhook drop_pending_updates:bool
getWebhookInfo
sendMessage @to text!:str parse_mode:str entities:[MessageEntity]
    link_preview_options:LinkPreviewOptions @how receiver_user_id:int
    ephemeral_message_parameters:EphemeralMessageParameters
sendPhoto @to photo!:file @caption @cover @how
sendLivePhoto @to live_photo!:file photo!:file @caption @cover @how
sendDocument @to document!:file thumbnail:file @caption disable_content_type_detection:bool @how
sendVideo @to video!:file duration:int width:int height:int thumbnail:file cover:file
    start_timestamp:int @caption @cover supports_streaming:bool @how
sendAnimation @to animation!:file duration:int width:int height:int thumbnail:file @caption @cover
    @how
sendAudio @to audio!:file duration:int performer:str title:str thumbnail:file @caption @how
sendVoice @to voice!:file duration:int @caption @how
sendVideoNote @to video_note!:file duration:int length:int thumbnail:file @how
sendSticker @to sticker!:file emoji:str @how
sendMediaGroup @to media!:[InputMedia] disable_notification:bool protect_content:bool
    allow_paid_broadcast:bool message_effect_id:str reply_parameters:ReplyParameters
sendPoll @to question!:str(1,300) question_parse_mode:str question_entities:[MessageEntity]
    options!:[InputPollOption] is_anonymous:bool type:str allows_multiple_answers:bool
    allows_revoting:bool shuffle_options:bool allow_adding_options:bool
    hide_results_until_closes:bool correct_option_id:int correct_option_ids:[int]
    explanation:str(0,200) explanation_parse_mode:str explanation_entities:[MessageEntity]
    description:str description_parse_mode:str description_entities:[MessageEntity]
    open_period:int close_date:int is_closed:bool members_only:bool country_codes:[str]
    explanation_media:obj media:obj @how
stopPoll business_connection_id:str chat_id!:chat message_id!:int reply_markup:Markup
sendContact @to phone_number!:str first_name!:str last_name:str vcard:str @how
sendLocation @to latitude!:float longitude!:float horizontal_accuracy:float live_period:int
    heading:int proximity_alert_radius:int @how
sendVenue @to latitude!:float longitude!:float title!:str address!:str foursquare_id:str
    foursquare_type:str google_place_id:str google_place_type:str @how
sendDice @to emoji:str @how
sendChatAction business_connection_id:str chat_id!:chat message_thread_id:int action!:str
copyMessage chat_id!:chat message_thread_id:int direct_messages_topic_id:int from_chat_id!:chat
    message_id!:int video_start_timestamp:int @caption show_caption_above_media:bool @how
copyMessages chat_id!:chat message_thread_id:int direct_messages_topic_id:int from_chat_id!:chat
    message_ids!:[int] disable_notification:bool protect_content:bool remove_caption:bool
forwardMessage chat_id!:chat message_thread_id:int direct_messages_topic_id:int from_chat_id!:chat
    message_id!:int video_start_timestamp:int disable_notification:bool protect_content:bool
    message_effect_id:str suggested_post_parameters:obj
forwardMessages chat_id!:chat message_thread_id:int direct_messages_topic_id:int
    from_chat_id!:chat message_ids!:[int] disable_notification:bool protect_content:bool
editMessageText @edit text!:str parse_mode:str entities:[MessageEntity]
    link_preview_options:LinkPreviewOptions reply_markup:Markup
editMessageCaption @edit @caption show_caption_above_media:bool reply_markup:Markup
editMessageMedia @edit media!:InputMedia reply_markup:Markup
editMessageReplyMarkup @edit reply_markup:Markup
deleteMessage chat_id!:chat message_id!:int
deleteMessages chat_id!:chat message_ids!:[int]
deleteEphemeralMessage chat_id!:chat receiver_user_id!:int ephemeral_message_id!:int
answerCallbackQuery callback_query_id!:str text:str show_alert:bool url:str cache_time:int
restrictChatMember chat_id!:chat user_id!:int permissions!:ChatPermissions
    use_independent_chat_permissions:bool until_date:int
promoteChatMember chat_id!:chat user_id!:int @admin
banChatMember chat_id!:chat user_id!:int until_date:int revoke_messages:bool
unbanChatMember chat_id!:chat user_id!:int only_if_banned:bool
banChatSenderChat chat_id!:chat sender_chat_id!:int
unbanChatSenderChat chat_id!:chat sender_chat_id!:int
setChatPermissions chat_id!:chat permissions!:ChatPermissions
    use_independent_chat_permissions:bool
getChat chat_id!:chat
getChatMember chat_id!:chat user_id!:int
getChatAdministrators chat_id!:chat return_bots:bool
getChatMemberCount chat_id!:chat
leaveChat chat_id!:chat
createChatInviteLink chat_id!:chat name:str(0,32) expire_date:int member_limit:int(1,99999)
    creates_join_request:bool
pinChatMessage business_connection_id:str chat_id!:chat message_id!:int disable_notification:bool
unpinChatMessage business_connection_id:str chat_id!:chat message_id:int
setMyCommands commands!:[BotCommand] scope:BotCommandScope language_code:str
getMyCommands scope:BotCommandScope language_code:str
deleteMyCommands scope:BotCommandScope language_code:str
setMyDefaultAdministratorRights rights:ChatAdministratorRights for_channels:bool
getMyDefaultAdministratorRights for_channels:bool
setMessageReaction chat_id!:chat message_id!:int reaction:[ReactionType] is_big:bool
getFile file_id!:str
""",
    _SHARED,
)

MISSING = {
    "chat_id": "chat_id is empty",
    "from_chat_id": "chat_id is empty",
    "text": "message text is empty",
    "message_id": "message identifier is not specified",
    "message_ids": "message identifiers are not specified",
    "user_id": "invalid user_id specified",
    "sender_chat_id": "sender_chat_id is empty",
    "file_id": "file_id not specified",
    "media": "media not found",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "video": "there is no video in the request",
    "animation": "there is no animation in the request",
    "audio": "there is no audio in the request",
    "voice": "there is no voice in the request",
    "video_note": "there is no video note in the request",
    "sticker": "there is no sticker in the request",
}
"""The real sentences for a required parameter that is absent."""
